"""A small project's tickets: FastAPI and SQLAlchemy as their tutorials have them, six columns, no people, no permissions."""

import os
from datetime import datetime
from typing import List, Optional

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import Column, DateTime, Integer, String, create_engine
from sqlalchemy.orm import Session, declarative_base, sessionmaker

engine = create_engine(os.environ["SQLALCHEMY_URL"], pool_size=32, max_overflow=8)
SessionLocal = sessionmaker(autocommit=False, autoflush=False, bind=engine)
Base = declarative_base()


class Ticket(Base):
    __tablename__ = "tickets"
    id = Column(Integer, primary_key=True)
    title = Column(String)
    description = Column(String)
    status = Column(String)
    priority = Column(String)
    created_at = Column(DateTime(timezone=True))


class TicketOut(BaseModel):
    id: int
    title: str
    description: Optional[str]
    status: str
    priority: str
    created_at: datetime

    class Config:
        orm_mode = True
        from_attributes = True


app = FastAPI()


def session():
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()


@app.get("/tickets/{ticket_id}", response_model=TicketOut)
def get_ticket(ticket_id: int, db: Session = Depends(session)):
    ticket = db.query(Ticket).filter(Ticket.id == ticket_id).first()
    if ticket is None:
        raise HTTPException(status_code=404, detail="Ticket not found")
    return ticket


@app.get("/tickets", response_model=List[TicketOut])
def list_tickets(limit: int = 50, offset: int = 0, db: Session = Depends(session)):
    return db.query(Ticket).order_by(Ticket.created_at.desc(), Ticket.id.desc()).offset(offset).limit(limit).all()
